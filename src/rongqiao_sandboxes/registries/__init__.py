"""The twins of nine sources of facts about people and firms, that know no platform."""
