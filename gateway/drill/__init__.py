"""A drill of the hub's keys: a rotation and a compromise of each purpose, on a copy, with proof of what still opens."""
