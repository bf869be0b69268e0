"""Names of the generated borough: common ones with how often they are borne, and a long tail made of parts.

Nobody's: the lists are of first and last names as such, drawn apart from each other. Each community has names of its
own; ``VARIANTS`` are ways in which other systems write one.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class Community:
    """How many of the borough, and their names, the commonest first (borne the more often the earlier they stand)."""

    share: float
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    families: tuple[str, ...]
    tail: float
    """How many of its family names are of the long tail."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMMUNITIES: tuple[Community, ...] = (
    Community(
        share=0.55,
        girls=_words(
            "Olivia Amelia Emily Sophie Charlotte Jessica Grace Lily Emma Chloe Isabella Ella Mia Lucy Megan "
            "Hannah Daisy Ruby Freya Evie Florence Holly Alice Ellie Katie Abigail Rebecca Lauren Rachel Sarah "
            "Laura Claire Nicola Samantha Louise Victoria Michelle Joanne Susan Karen Margaret Patricia Christine "
            "Jennifer Elizabeth Helen Julie Amanda Deborah Sharon Tracey Linda Catherine Caroline Jane Natalie "
            "Stephanie Danielle Gemma Kelly Stacey Leanne Kirsty Hayley Zoe Georgia Poppy Rosie Phoebe Matilda "
            "Imogen Harriet Eleanor Martha Beatrice Iris Ivy Willow Aurora Penelope Maisie Summer Skye Scarlett "
            "Paige Courtney Shannon Jade Amber Bethany Kimberley Josephine Philippa Rosemary Judith Sheila "
            "Maureen Doreen Joan Dorothy Jean Sylvia Pamela Valerie Gillian"
        ),
        boys=_words(
            "Oliver George Harry Jack Jacob Noah Charlie Thomas Oscar William James Joshua Alfie Leo Henry Archie "
            "Ethan Joseph Freddie Samuel Alexander Daniel Logan Edward Lucas Max Benjamin Mason Harrison Theo "
            "Jake Sebastian Finley Arthur Adam Dylan Riley Zachary Matthew Luke Ryan Liam Callum Connor Nathan "
            "Kieran Lewis Jamie Aaron Kyle Michael David John Paul Mark Andrew Richard Robert Stephen Christopher "
            "Peter Simon Anthony Kevin Gary Steven Martin Ian Philip Alan Neil Graham Keith Colin Derek Trevor "
            "Barry Roger Brian Kenneth Ronald Raymond Dennis Stanley Frederick Albert Walter Leonard Gerald "
            "Gordon Malcolm Stuart Craig Lee Darren Jason Shane Bradley Jordan Reece Tyler Cameron Elliot Toby "
            "Hugo Rory Jude Felix Louis Ralph Rupert Barnaby Tobias"
        ),
        families=_words(
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patterson Robinson Wright Thompson Evans "
            "Walker White Roberts Green Hall Wood Jackson Clarke Harris Clark Turner Hill Cooper Ward Moore "
            "Morris Baker King Harrison Morgan Allen James Scott Parker Watson Davis Bennett Price Griffiths "
            "Young Cook Bailey Collins Hughes Shaw Carter Richardson Marshall Mitchell Murphy Kelly Bell Miller "
            "Cox Ellis Richards Adams Webb Simpson Rogers Gray Mills Palmer Stevens Foster Russell Barnes Knight "
            "Chapman Campbell Butler Holmes Fisher Hunt Mason Dixon Lloyd Powell Murray Graham Matthews Barker "
            "Gibson Owen Pearson Stone Fletcher Reid Saunders Reynolds Day Dean Lawrence Brooks Hart Holland "
            "Burton Andrews Fox Gilbert Payne Barrett West Walsh Ford Cole Cunningham Byrne Lane Hayes Perry "
            "Newman Hudson Carr Bates Bird Jordan Nicholls Woods Burns Page Doyle Henry Ross Wells"
        ),
        tail=0.45,
    ),
    Community(
        share=0.2,
        girls=_words(
            "Fatima Aisha Maryam Zainab Khadija Aaliyah Hafsa Amina Safiya Sumaya Noor Hana Iqra Sana Ayesha "
            "Nadia Farah Priya Anjali Meera Pooja Neha Sunita Kavita Rekha Simran Jasleen Harpreet Manpreet Zara "
            "Yasmin Leila Samira Rabia Bushra Shazia Nasreen Rukhsana Parveen Shabana Tahira Amara Inaya Anaya "
            "Eshal Hiba Rania Dua"
        ),
        boys=_words(
            "Mohammed Muhammad Ahmed Ali Ibrahim Yusuf Omar Hassan Hussain Hamza Bilal Abdul Mustafa Ismail Zain "
            "Adil Imran Tariq Khalid Rashid Nasir Faisal Usman Umar Haroon Idris Ayaan Rayyan Arjun Rohan Aryan "
            "Vikram Sanjay Rajesh Amit Anil Suresh Harjit Gurpreet Manjit Jaspreet Karan Dev Kabir Zakariya Yahya "
            "Musa Isa Sulaiman"
        ),
        families=_words(
            "Khan Ahmed Hussain Ali Begum Patel Singh Kaur Akhtar Mahmood Malik Iqbal Shah Hussein Rahman Uddin "
            "Islam Miah Chowdhury Choudhury Sharma Bibi Mohammed Hassan Aslam Butt Mirza Qureshi Siddiqui Ansari "
            "Sheikh Rashid Javed Nawaz Riaz Sultana Khatun Chaudhry Bhatti Gill Dhillon Sandhu Grewal Mehta Desai "
            "Joshi Gupta Verma Rao Reddy"
        ),
        tail=0.12,
    ),
    Community(
        share=0.15,
        girls=_words(
            "Agnieszka Katarzyna Magdalena Joanna Anna Zuzanna Maja Lena Oliwia Aleksandra Natalia Weronika Zofia "
            "Nadia Oksana Iryna Olena Svitlana Daria Polina Elena Ioana Andreea Maria Gabriela Bianca Adriana Ana "
            "Ines Beatriz"
        ),
        boys=_words(
            "Piotr Krzysztof Andrzej Tomasz Jakub Mateusz Michal Szymon Filip Kacper Jan Stanislaw Marek Pawel "
            "Dawid Oleksandr Serhii Andriy Dmytro Mykola Ivan Bogdan Mihai Alexandru Andrei Stefan Cristian Joao "
            "Pedro Tiago"
        ),
        families=_words(
            "Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak "
            "Dabrowski Kozlowski Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko Popescu Ionescu Popa Radu "
            "Stan Silva Santos Ferreira Pereira Costa Oliveira Rodrigues Martins Mazur Krawczyk Piotrowski "
            "Grabowski Pawlowski Michalski"
        ),
        tail=0.15,
    ),
    Community(
        share=0.1,
        girls=_words(
            "Blessing Grace Precious Chidinma Ngozi Adaeze Folake Funmilayo Abena Akosua Ama Esther Ruth Naomi "
            "Deborah Zawadi Amara Imani Makeda Hodan Sahra Halima Faith Joy Mercy Patience Comfort Gloria Destiny "
            "Tiana"
        ),
        boys=_words(
            "Emmanuel David Samuel Daniel Joseph Chukwuemeka Chidi Obinna Tunde Segun Kwame Kofi Kwabena Yaw Abdi "
            "Jibril Elijah Isaiah Caleb Josiah Malachi Jermaine Tyrone Marcus Andre Curtis Winston Leroy Delroy "
            "Trevor"
        ),
        families=_words(
            "Williams Brown Campbell Mensah Owusu Boateng Asante Osei Okafor Okonkwo Adeyemi Adebayo Ogunleye "
            "Balogun Ibrahim Bello Abdi Mohamed Hassan Warsame Francis Joseph Charles Grant Gordon Reid Clarke "
            "Stewart Samuels Thompson Nwosu Eze Obi Afolabi Oyelaran Appiah Agyeman Amoah Sesay Kamara Conteh "
            "Bangura Tesfaye Haile Mugisha"
        ),
        tail=0.2,
    ),
)

_FIRST = _words(
    "Ash Black Brad Burn Ches Clay Cot Crow Dal East El Fair Farn Glad Green Had Hal Ham Har Haw Hazel "
    "High Hol Horn Kin King Lang Lin Long Mar Mid Mill Nor North Oak Or Pem Raven Red Ros Row Sand Shel "
    "South Stan Staple Sut Swan Thorn Thwai Tun Up Wad Wake Wal War Wen West Whit Win Wol Wood Wor Wych "
    "Yar"
)
_LAST = _words(
    "bourne bury by combe cott croft dale den don field ford gate ham hurst ington land leigh ley low man "
    "mer more ness over pool ridge sey shaw stead stock stone ter thorpe ton tree twell vale wall water "
    "way well wick wood worth"
)

VARIANTS: tuple[tuple[str, ...], ...] = (
    ("Mohammed", "Muhammad", "Mohamed", "Mohammad", "Muhammed"),
    ("Ahmed", "Ahmad", "Ahmet"),
    ("Hussain", "Hussein", "Husain", "Hossain"),
    ("Hassan", "Hasan"),
    ("Yusuf", "Youssef", "Yousuf", "Yusef", "Yousef"),
    ("Ibrahim", "Ebrahim", "Ibraheem"),
    ("Fatima", "Fatimah", "Fatema"),
    ("Aisha", "Ayesha", "Aysha", "Aicha"),
    ("Zainab", "Zaynab", "Zeinab", "Zainub"),
    ("Khadija", "Khadijah", "Kadija", "Khadeeja"),
    ("Maryam", "Mariam", "Meryem"),
    ("Omar", "Umar", "Omer"),
    ("Usman", "Osman", "Uthman"),
    ("Chowdhury", "Choudhury", "Chaudhry", "Chaudhary"),
    ("Qureshi", "Quraishi", "Kureshi"),
    ("Mahmood", "Mahmoud", "Mehmood"),
    ("Rahman", "Rehman", "Rahmaan"),
    ("Siddiqui", "Siddiqi", "Siddique"),
    ("Sheikh", "Shaikh", "Shaykh"),
    ("Begum", "Begam"),
    ("Iqbal", "Ikbal", "Eqbal"),
    ("Akhtar", "Aktar", "Akther"),
    ("Oleksandr", "Aleksandr", "Alexander"),
    ("Serhii", "Sergiy", "Sergei", "Sergey"),
    ("Dmytro", "Dmitri", "Dmitry"),
    ("Andriy", "Andrii", "Andrei", "Andrey"),
    ("Shevchenko", "Schevchenko", "Chevchenko"),
    ("Katarzyna", "Katazyna"),
    ("Wisniewski", "Vishnevsky"),
    ("Wojcik", "Woycik", "Vojcik"),
    ("Abdi", "Abdy"),
    ("Mohamed", "Maxamed", "Mohammed"),
    ("Hassan", "Xasan"),
    ("Warsame", "Warsaame"),
)


def rank_drawn(random: Random, names: tuple[str, ...]) -> str:
    """One of the names, the earlier the likelier (by Zipf's law, flattened)."""
    weights = [1 / (rank + 6) for rank in range(len(names))]
    return random.choices(names, weights)[0]


def family_name(random: Random, community: Community) -> str:
    """A family name: a common one, or one of the long tail."""
    if random.random() < community.tail:
        return random.choice(_FIRST) + random.choice(_LAST)
    return rank_drawn(random, community.families)


def community(random: Random) -> Community:
    """One of the communities, by their share."""
    return random.choices(COMMUNITIES, [one.share for one in COMMUNITIES])[0]
