"""The hub's decisions: what goes where, to whom, by when, and why.

Pure. Nothing here does I/O, reads a clock or draws a random number: the time is an argument and a decision is a
value with its reason. The rules are rows; what no row allows is refused.

In the order in which a notification meets them: ``front_door`` and ``linkage`` (what it belongs to), ``repeats`` and
``suggestion`` (what it looks like), ``patterns`` over ``traces``, ``severity`` and ``families`` (what lies across many
of them), ``decisions`` and ``clocks`` over ``working_time`` (what a manager makes of it
and by when), ``asking``, ``requests`` and ``replies`` (what is asked and answered), ``need_to_know`` and ``products``
(who reads what), with ``lifecycle`` and ``permissions`` beneath it all. ``components`` and ``hub_rules`` judge a
hub's configuration before any of it runs.
"""
