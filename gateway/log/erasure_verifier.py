r"""Check the proof of an erasure, offline: with custody.py beside this file, and nothing but Python's standard library.

    python erased.py PROOF --trust VERIFIER_KEY [--trust ...] [--json]

The proof is a bundle of the chain of custody with one line more. When this says "erased", it guarantees, beyond what
custody.py guarantees of every bundle (the seal over each byte, one history, each entry at its place in it):

(1) a line of the hub's erasure ledger, which is kept outside its database and backups, is signed by a key that the
    header names, and tells of the erasure of what the header names;
(2) the log tells of the same erasure, once, and of each place that it says it blanked, the proof shows that an entry
    stood there and says nothing any more;
(3) the versions of the key-encryption key that had wrapped the destroyed keys are those of the ledger's line, and where
    they are said to be destroyed, the log says when.

That the keys themselves are gone, and when backups end, is the hub's word: nobody can prove that no copy was made.

Exit code 0: proved. 1: not proved, with the reason. 2: the arguments or the files can't be read.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

custody: Any = importlib.import_module("custody")


class Proof:
    """A proof whose every claim was checked."""

    def __init__(self, data: bytes, trust: list[Any]) -> None:
        self.bundle = custody.Bundle(data, trust)
        found = [line for line in self.bundle.lines if line["kind"] == "erasure"]
        if len(found) != 1:
            raise custody.NotVerified("this bundle proves no erasure")
        self.line = found[0]
        self.told = json.loads(self.line["ledger"])
        self._ledger()
        self._log()
        self._keys()

    def _ledger(self) -> None:
        """Step (1)."""
        note, named = self.told.pop("note"), [custody.verifier(text) for text in self.bundle.header["keys"]]
        signed = custody.opened(note, named, self.bundle.origin + "/erasure", "the ledger's line", alone=True)
        spelt = json.dumps(self.told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        if signed != (self.told["number"], hashlib.sha256(spelt).digest()):
            raise custody.NotVerified("the ledger's line is not the one that was signed")
        if self.told["subject"] != self.bundle.header["referral"]:
            raise custody.NotVerified("the ledger's line is of another erasure")

    def _log(self) -> None:
        """Step (2)."""
        done = [one for one in self.bundle.story if one["event"] == "erasure.done"]
        same = [one for one in done if one["detail"]["number"] == self.told["number"]]
        if [one["subject"] for one in same] != [self.told["subject"]]:
            raise custody.NotVerified("the log does not tell of this erasure, or more than once")
        blank = {line["index"] for line in self.bundle.lines if line["kind"] == "erased"}
        if set(same[0]["detail"]["leaves"]) != blank:
            raise custody.NotVerified("what the log says was blanked is not what is shown to be")
        self.at, self.blank = same[0]["at"], len(blank)

    def _keys(self) -> None:
        """Step (3)."""
        gone = {one["subject"]: one["at"] for one in self.bundle.story if one["event"] == "key.destroyed"}
        if {kek["version"] for kek in self.line["keks"]} != set(self.told["keks"]):
            raise custody.NotVerified("the keys that wrapped what was erased are not those of the ledger's line")
        if any(kek["destroyed_at"] != gone.get(kek["kid"]) for kek in self.line["keks"]):
            raise custody.NotVerified("the log does not tell the same of the keys that wrapped what was erased")

    def words(self) -> list[str]:
        """What was proved, in sentences."""
        told, line = self.told, self.line
        keks = [f"{kek['kid']} ({kek['destroyed_at'] or 'not destroyed yet'})" for kek in line["keks"]]
        sooner = "on" if line["fixed"] else "no sooner than"
        return [
            f"{told['subject']} was erased: line {told['number']} of the ledger, carried out {self.at}.",
            f"{len(told['scopes'])} keys were destroyed. {self.blank} entries of the log are blank, and proved to have",
            "stood where they did. The keys were wrapped under " + ", ".join(keks) + ".",
            f"The last backup that holds them ends {line['backups_end']}; gone for good {sooner} {line['for_good']},",
            "where no backup is kept for longer (the hub's word).",
        ]


def main(arguments: list[str] | None = None) -> int:
    """Run the check as a command; the exit code is as the module says."""
    parser = argparse.ArgumentParser(prog="erased.py", description="Check the proof of an erasure.")
    parser.add_argument("proof", metavar="PROOF")
    parser.add_argument("--trust", action="append", required=True, help="a verifier key that you had by another way")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    options = parser.parse_args(arguments)
    try:
        data = Path(options.proof).read_bytes()
        found = Proof(data, [custody.verifier(text) for text in options.trust])
    except custody.NotVerified as error:
        problem = str(error)
    except OSError as error:
        sys.stderr.write(f"a file can't be read: {type(error).__name__}\n")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError):
        # Only what a trusted key sealed comes so far: it was not changed since, and is not of this format either.
        problem = "it is sealed, and not of this format"
    else:
        told = {"erased": True, **found.line, "subject": found.told["subject"], "number": found.told["number"]}
        sys.stdout.write((json.dumps(told) if options.json else "erased\n" + "\n".join(found.words())) + "\n")
        return 0
    sys.stdout.write(json.dumps({"erased": False, "problem": problem}) if options.json else f"NOT proved: {problem}")
    sys.stdout.write("\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
