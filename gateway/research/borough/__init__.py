"""A generated borough and its year of notifications, to see what a hub's numbers would find and what they would cost.

It is made from what is known of boroughs, not from the rules: ``households`` (who lives where, and with whom),
``background`` (what is notified in an ordinary year, which repeats itself, clusters and shares adults and addresses
too), ``planted`` (patterns of emerging harm), ``writing`` (how an agency puts it, with what it leaves out). Nobody in
it is real.
"""
