"""What is written into a case stays in order; alerts and alarms are raised once."""

from __future__ import annotations

from gateway.store import Store
from gateway.store.records import DecisionRecord, FeedbackRecord, RatingRecord, ScreeningRecord, SuggestionRecord
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW


async def test_what_people_and_software_wrote_comes_back_in_order(store: Store) -> None:
    screening = ScreeningRecord(id="scr_1", referral_id="ref_1", at=NOW, by="officer-1", sealed=b"s")
    suggestion = SuggestionRecord(id="sug_1", referral_id="ref_1", at=NOW, rating="amber", rules="1", sealed=b"s")
    ratings = [
        RatingRecord(
            id=f"rat_{number}",
            referral_id="ref_1",
            at=NOW + number * HOUR,
            rating="red",
            previous="amber" if number else None,
            threshold=4,
            by="manager-1",
            due_at=NOW + HOUR,
            relaxed=False,
            sealed=b"s",
        )
        for number in range(2)
    ]
    decision = DecisionRecord(
        id="dec_1", referral_id="ref_1", at=NOW, by="manager-1", evidence=("dis_1", "dis_2"), missing=(), sealed=b"s"
    )
    feedback = FeedbackRecord(
        id="fbk_1",
        referral_id="ref_1",
        message_id="msg_1",
        recipient="police.feed",
        at=NOW,
        by="manager-1",
        envelope_id=None,
        sealed=b"s",
    )
    async with store.work() as work:
        await samples.keep(work, samples.message())
        await samples.keep(work, samples.referral())
        await work.screenings.add(screening)
        await work.suggestions.add(suggestion)
        for rating in reversed(ratings):
            await work.ratings.add(rating)
        await work.decisions.add(decision)
        await work.feedbacks.add(feedback)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.screenings.of_referral("ref_1") == [screening]
        assert await reading.suggestions.of_referral("ref_1") == [suggestion]
        assert await reading.ratings.of_referral("ref_1") == ratings
        assert await reading.decisions.get("dec_1") == decision
        assert await reading.feedbacks.of_referral("ref_1") == [feedback]
        assert await reading.ratings.of_referral("ref_2") == []


async def test_the_same_pattern_is_one_alert_and_a_longer_one_another(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        await samples.keep(work, samples.person("per_1"))
        assert await samples.keep(work, samples.alert("alt_1"))
        assert not await samples.keep(work, samples.alert("alt_2"))
        assert await samples.keep(work, samples.alert("alt_3", count=4))
        await work.commit()
    async with store.reading() as reading:
        assert await reading.alerts.of_referral("ref_1") == [samples.alert("alt_1"), samples.alert("alt_3", count=4)]


async def test_an_alarm_stands_once_until_it_is_cleared(store: Store) -> None:
    async with store.work() as work:
        await samples.keep(work, samples.referral())
        assert await work.alarms.raise_once(samples.alarm("alm_1"))
        assert not await work.alarms.raise_once(samples.alarm("alm_2"))
        assert await work.alarms.raise_once(samples.alarm("alm_3", kind="overdue"))
        assert await work.alarms.clear("unrated", "ref_1", NOW + HOUR)
        assert not await work.alarms.clear("unrated", "ref_1", NOW + HOUR)
        assert await work.alarms.raise_once(samples.alarm("alm_4"))
        await work.commit()
    async with store.reading() as reading:
        assert [alarm.id for alarm in await reading.alarms.standing()] == ["alm_3", "alm_4"]
        cleared, *_ = await reading.alarms.of_referral("ref_1")
        assert (cleared.id, cleared.cleared_at) == ("alm_1", NOW + HOUR)
