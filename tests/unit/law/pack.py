"""A small pack for tests, with rules written in place."""

from forbear.law.packs import build, packaged

SOURCES = """
act: {cite: {en: "Act", zh: "法"}, title: {en: "Act", zh: "法"}, force: law, retrieved: 2026-11-21, seen: text}
"""
DRAFTS = """
bill: {cite: {en: "Bill", zh: "草案"}, title: {en: "Bill", zh: "草案"}, force: draft, retrieved: 2026-11-21, seen: text}
"""
HEAD = 'title: {{en: "{name}", zh: "规则"}}\nsummary: {{en: "It says so.", zh: "内容。"}}\n'
GROUND = """form: permits
modality: may
applies: {act: [call, message]}
values: [{from: 2020-01-01, confidence: high, source: act, pinpoint: "1"}]
"""


def pack(places=("xx",), parents=None, **rules):
    """Packs with these rules: `xx__rule` lies in xx, a plain name in the first place. Each place has a ground for calls."""
    texts = {"vocabulary.yaml": (packaged() / "vocabulary.yaml").read_text(encoding="utf-8")}
    for place in places:
        parent = (parents or {}).get(place, "null")
        texts[f"{place}/jurisdiction.yaml"] = (
            f'name: {{en: "{place}", zh: "某地"}}\nparent: {parent}\nzones: [America/New_York, America/Los_Angeles]\n'
        )
        texts[f"{place}/a/b/sources.yaml"] = SOURCES
        texts[f"{place}/a/b/ground.yaml"] = HEAD.format(name="ground") + GROUND
    for name, text in rules.items():
        place, _, rule = name.rpartition("__")
        folder = f"{place or places[0]}/a/{'d' if 'source: bill' in text else 'b'}"
        if folder.endswith("d"):
            texts[f"{folder}/sources.yaml"] = DRAFTS
        texts[f"{folder}/{rule}.yaml"] = HEAD.format(name=rule) + text
    return build(texts)
