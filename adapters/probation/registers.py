"""What probation's registers mean to a hub: rows with meaning, kind and reason.

Source: reference data of Delius (register types) as HMPPS services name them; MAPPA guidance (levels 1 to 3, categories
1 to 4); RoSH levels of OASys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.vocabulary import Concern, ItemKind


@dataclass(frozen=True, kw_only=True)
class Register:
    """One row: register types of these codes, each with its meaning, are of ``kind``, ``because`` of this."""

    meanings: Mapping[str, str]
    kind: ItemKind = ItemKind.CONCERN
    categories: tuple[Concern, ...] = ()
    because: str


REGISTERS: Sequence[Register] = (
    Register(
        meanings={"RCCO": "child concerns", "RCPR": "child protection", "RCHD": "risk to children"},
        because="the register is about a child: concerns, child protection or a risk to children",
    ),
    Register(
        meanings={"CSEP": "child sexual exploitation perpetrator"},
        categories=(Concern.CHILD_SEXUAL_EXPLOITATION,),
        because="somebody exploits children sexually",
    ),
    Register(
        meanings={"ADWC": "barred from working with children"},
        because="somebody is barred from work with children, which is done for harm to them",
    ),
    Register(
        meanings={"MAPP": "MAPPA", "AVIS": "ViSOR", "ASFO": "serious further offence"},
        because="the register is about public protection, children in the household included",
    ),
    Register(
        meanings={
            "RSO": "registered sex offender",
            "ARSO": "registered sex offender",
            "ANSO": "sex offender who is not registered",
            "SHPO": "sexual harm prevention order",
        },
        categories=(Concern.SEXUAL,),
        because="a sexual offence or an order against one: children in any household that they join may be at risk",
    ),
    Register(
        meanings={
            "ADVP": "domestic abuse perpetrator",
            "ADVV": "domestic abuse victim",
            "REG30": "domestic abuse history",
            "IMAR": "MARAC",
        },
        categories=(Concern.DOMESTIC_ABUSE,),
        because="domestic abuse: children see and hear it, or are hurt themselves",
    ),
    Register(
        meanings={"STALKING": "stalking", "SPO": "stalking protection order", "RSTO": "restraining order"},
        because="stalking, or an order to keep away from somebody: children live with whom it protects",
    ),
    Register(
        meanings={"MSP": "modern slavery perpetrator", "MSV": "modern slavery victim"},
        categories=(Concern.TRAFFICKING,),
        because="modern slavery draws in children, those of its victims too",
    ),
    Register(
        meanings={"STRG": "street gangs", "SGSO": "serious group offending", "REG26": "organised crime"},
        categories=(Concern.GANGS,),
        because="gangs and organised crime draw children in",
    ),
    Register(
        meanings={"RTAO": "Terrorism Act offender", "TERROR": "terrorism"},
        categories=(Concern.RADICALISATION,),
        because="terrorism: children in the household may be drawn in",
    ),
    Register(
        meanings={"WEAP": "weapons", "WEAPONS": "weapons"},
        because="weapons may be in a home where children live",
    ),
    Register(
        meanings={"RVHR": "very high RoSH", "RHRH": "high RoSH"},
        because="a high or very high risk of serious harm: whoever lives with them is near it, children included",
    ),
    Register(
        meanings={"REG15": "risk to known adult", "REG17": "risk to public"},
        because="a risk to somebody whom they know or meet, whose children are near it",
    ),
    Register(
        meanings={
            "RVLN": "vulnerable",
            "RVAD": "adult at risk",
            "ALSH": "suicide or self-harm",
            "AMHL": "mental health issues",
            "RMDO": "mentally disordered offender",
            "CUCK": "possible victim of cuckooing",
        },
        because="somebody needs care or is exploited at home, and nobody has said that no child depends on them",
    ),
    Register(
        meanings={"RMRH": "medium RoSH", "RLRH": "low RoSH"},
        kind=ItemKind.CONTEXT,
        because="a low or medium level of serious harm; a risk to children has a register of its own, RCHD",
    ),
    Register(
        meanings={"REG16": "risk to prisoner", "AV2S": "risk to staff", "AV2S2": "risk to staff"},
        kind=ItemKind.CONTEXT,
        because="a risk inside prison or to staff",
    ),
    Register(
        meanings={"DOFF": "duplicate records exist", "KDUP": "known duplicate record"},
        kind=ItemKind.UPDATE,
        because="it says that somebody has several records",
    ),
    Register(
        meanings={
            "APPO": "prolific and other priority offender",
            "DORIS": "DORIS",
            "HOIE": "Home Office interest",
            "IIOM": "integrated offender management",
            "IKII": "keep for an inquiry",
            "IKMF": "record to be retained",
            "INLL": "lifer",
            "INVI": "victim contact",
            "NOTMAPPA": "not eligible for MAPPA",
            "REG24": "women's safety worker",
            "RRR": "risk review required",
            "WRSM": "warrant or summons",
        },
        kind=ItemKind.CONTEXT,
        because="it says how a case is run or a record is kept",
    ),
)
"""A code that no row has is a concern: nobody has ruled out what it means for children."""

BY_CODE: Mapping[str, Register] = {code: row for row in REGISTERS for code in row.meanings}
