"""What was told of two who were one goes to the one whom it fits."""

from __future__ import annotations

from routing import separating
from routing.linkage_model import shipped
from tests.unit.routing.test_linkage_matching import person


def test_each_thing_goes_to_the_one_whom_it_fits_and_refreshes_them() -> None:
    kept, other = person("Alex"), person("Maja")
    told = [person("Maja", postcode="EN9 9ZZ"), person("Alex"), person("", "")]
    found = separating.part(kept, other, told, shipped())
    assert found.to_other == (True, False, False)
    assert {address.postcode for address in found.other.addresses} == {"EN1 5AB", "EN9 9ZZ"}
    assert found.kept.names == kept.names or found.kept.names[-1] in kept.names


def test_without_anything_told_both_stay_as_they_were() -> None:
    kept, other = person("Alex"), person("Maja")
    found = separating.part(kept, other, [], shipped())
    assert (found.kept, found.other, found.to_other) == (kept, other, ())
