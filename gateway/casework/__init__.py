"""Use cases: what people and owners do with referrals, each in one unit of work with its log entry."""
