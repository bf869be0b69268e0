"""A FHIR resource as one tree, whether it was sent as JSON or as XML: the same elements, values and pointers.

A pointer is a FHIRPath of element names and indices, such as ``Bundle.entry[2].resource.name.family``. An index (from
0) is given only where an element has siblings of its name, in JSON too; a name that FHIRPath has to quote is quoted.
What FHIR writes as an attribute in XML (``id``, ``url``) is an element, as it is in JSON. The type of a resource stands
at ``…resourceType``.

Source: FHIR R4 (4.0.1), JSON and XML representations; FHIRPath N1, simple subset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from adapters import xml
from adapters.strict_json import Json, decode, parse
from schemas.errors import Rejected

FAMILY = "nhs.fhir"
NAMESPACE = "http://hl7.org/fhir"
_LIMITS = xml.XmlLimits(elements=60_000)
_XHTML = "http://www.w3.org/1999/xhtml"
_MARKS = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_TYPE = re.compile(r"[A-Z][A-Za-z]{2,39}")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_HOLDERS = ("resource", "contained", "outcome")
"""Elements that may hold a whole resource."""
_NO_OBJECT = "Send one FHIR resource: a JSON object that names its resourceType."
_NO_RESOURCE = "Send one FHIR resource, named by its type."
_NO_VALUE = "Give each element one value, one object, or a list of one of them."


class Element:
    """One element. ``text`` is its own value as it was sent; ``resource`` its type where it is a whole resource."""

    __slots__ = ("inside", "name", "pointer", "resource", "text")

    def __init__(self, name: str, pointer: str, text: str = "", resource: str = "") -> None:
        self.name = name
        self.pointer = pointer
        self.text = text
        self.resource = resource
        self.inside: list[Element] = []

    def all(self, path: str) -> list[Element]:
        """The elements along ``path``, such as ``code.coding``, in document order."""
        found = [self]
        for step in path.split("."):
            found = [inner for element in found for inner in element.inside if inner.name == step]
        return found

    def first(self, *paths: str) -> Element | None:
        """The first element along the first of ``paths`` that has one."""
        for path in paths:
            for found in self.all(path):
                return found
        return None

    def leaf(self, *paths: str) -> Element | None:
        """The first element with text along the first of ``paths`` that has one."""
        for path in paths:
            for found in self.all(path):
                if found.text.strip():
                    return found
        return None

    def said(self, *paths: str) -> str:
        """The text of :meth:`leaf` without blanks around it; empty where there is none."""
        found = self.leaf(*paths)
        return found.text.strip() if found is not None else ""

    def walk(self) -> Iterator[Element]:
        """This element and all in it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(element.inside))

    def leaves(self) -> dict[str, str]:
        """Every value in and under this element by its pointer, in order."""
        return {element.pointer: element.text for element in self.walk() if element.text}


class Document:
    """What was sent: the resource, and what stood in comments of the XML."""

    def __init__(self, root: Element, asides: tuple[tuple[str, str], ...] = ()) -> None:
        self.root = root
        self.asides = asides


def is_xml(payload: bytes) -> bool | None:
    """Whether the bytes start as XML does; None where there are none to tell by."""
    start = payload[:512].lstrip(_MARKS)
    return start.startswith(b"<") if start else None


def read(payload: bytes) -> Document:
    """The resource that ``payload`` holds.

    Raises:
        Rejected: it is neither strict JSON nor well-formed XML, or no FHIR resource.
        TooLarge: it is over a limit on size, depth or count.
    """
    return _read_xml(payload) if is_xml(payload) else _read_json(payload)


def _read_json(payload: bytes) -> Document:
    value = parse(decode(payload, family=FAMILY), family=FAMILY)
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise Rejected(f"{FAMILY}.resource_type", _NO_OBJECT)
    kind = str(value["resourceType"])
    if _TYPE.fullmatch(kind) is None:
        raise Rejected(f"{FAMILY}.resource_type", _NO_OBJECT)
    root = Element(kind, kind, resource=kind)
    _fill(root, value)
    return Document(root)


def _fill(element: Element, value: Mapping[str, Json]) -> None:
    """Put what the object holds into ``element``; ``_name`` goes with ``name``, as FHIR splits them in JSON."""
    for key in value:
        beside = key.startswith("_") and len(key) > 1
        if beside and key[1:] in value:
            continue  # met with its other half
        name = key[1:] if beside else key
        plain, extra = (None, value[key]) if beside else (value[key], value.get(f"_{name}"))
        several, extras = _listed(plain), _listed(extra)
        total = max(len(several), len(extras))
        for place in range(total):
            pointer = _pointer(element.pointer, name, place, total)
            inner = Element(name, pointer)
            for parts in (several, extras):
                if place < len(parts):
                    _put(inner, parts[place])
            element.inside.append(inner)


def _put(inner: Element, part: Json) -> None:
    if isinstance(part, dict):
        if inner.inside:  # an object beside an object: FHIR puts only a value's extensions under the other name
            raise Rejected(f"{FAMILY}.structure", _NO_VALUE, at=_safe(inner.pointer))
        kind = part.get("resourceType")
        if inner.name in _HOLDERS and isinstance(kind, str) and _TYPE.fullmatch(kind) is not None:
            inner.resource = str(kind)
        _fill(inner, part)
    elif isinstance(part, list):
        raise Rejected(f"{FAMILY}.structure", _NO_VALUE, at=_safe(inner.pointer))
    elif isinstance(part, str):
        inner.text = inner.text or part
    elif part is not None:
        inner.text = "true" if part else "false"


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _read_xml(payload: bytes) -> Document:
    document = xml.parse(payload, code=FAMILY, limits=_LIMITS)
    top = document.top
    if etree.QName(top).namespace != NAMESPACE:
        raise Rejected(f"{FAMILY}.namespace", f"Send a FHIR resource in the namespace {NAMESPACE}.", at="/*")
    kind = etree.QName(top).localname
    if _TYPE.fullmatch(kind) is None:
        raise Rejected(f"{FAMILY}.resource_type", _NO_RESOURCE, at="/*")
    return Document(_resource(top, Element(kind, kind, resource=kind)), document.asides)


def _resource(source: etree._Element, element: Element) -> Element:
    element.inside.append(Element("resourceType", f"{element.pointer}.resourceType", element.resource))
    _fill_from(source, element)
    return element


def _fill_from(source: etree._Element, element: Element) -> None:
    """The same for XML: attributes, then elements, then text where FHIR has none."""
    named: list[tuple[str, str, etree._Element | None]] = []
    for key, value in source.attrib.items():
        name = str(key)
        if name == "value":
            element.text = str(value)
        elif name in ("id", "url"):
            named.append((name, str(value), None))
        else:
            named.append((f"@{name}", str(value), None))
    strays = [source.text]
    for child in source:
        label = etree.QName(child)
        strays.append(child.tail)
        if label.namespace == NAMESPACE:
            named.append((label.localname, "", child))
        elif label.namespace == _XHTML and label.localname == "div":
            named.append(("div", etree.tostring(child, encoding="unicode", with_tail=False), None))
        else:
            named.append((f"*:{label.localname}", "", child))
    named += [("text()", stray, None) for stray in strays if stray and not stray.isspace()]
    totals: dict[str, int] = {}
    for name, _, _ in named:
        totals[name] = totals.get(name, 0) + 1
    places: dict[str, int] = {}
    for name, text, within in named:
        place = places[name] = places.get(name, -1) + 1
        inner = Element(name, _pointer(element.pointer, name, place, totals[name]), text)
        element.inside.append(inner)
        if within is not None:
            _fill_child(within, inner)


def _fill_child(child: etree._Element, inner: Element) -> None:
    """What stands in ``child``: in an element that holds a resource, that resource takes its place."""
    held = etree.QName(child[0]) if inner.name in _HOLDERS and len(child) == 1 else None
    if held is None or held.namespace != NAMESPACE or child.attrib or _TYPE.fullmatch(held.localname) is None:
        _fill_from(child, inner)
        return
    inner.resource = held.localname
    _resource(child[0], inner)


def _pointer(parent: str, name: str, place: int, total: int) -> str:
    step = name if _PLAIN.fullmatch(name) else "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
    return f"{parent}.{step}[{place}]" if total > 1 else f"{parent}.{step}"


def _safe(pointer: str) -> str:
    """A pointer for an error: names reach errors as places, so that quoted ones, which may say anything, are cut."""
    return pointer.partition(".`")[0]
