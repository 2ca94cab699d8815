"""How people read what the models say: friendly names for every label, and the groups they are shown in."""

from __future__ import annotations

ATTRIBUTE_GROUPS: dict[str, dict[str, str]] = {
    "Hair": {
        "Black_Hair": "Black hair",
        "Brown_Hair": "Brown hair",
        "Blond_Hair": "Blond hair",
        "Gray_Hair": "Gray hair",
        "Straight_Hair": "Straight hair",
        "Wavy_Hair": "Wavy hair",
        "Bangs": "Fringe",
        "Receding_Hairline": "Receding hairline",
        "Bald": "Bald",
    },
    "Face shape and skin": {
        "Oval_Face": "Oval face",
        "Chubby": "Full face",
        "Double_Chin": "Double chin",
        "High_Cheekbones": "High cheekbones",
        "Pale_Skin": "Pale skin",
    },
    "Eyes and brows": {
        "Narrow_Eyes": "Narrow eyes",
        "Bags_Under_Eyes": "Bags under the eyes",
        "Arched_Eyebrows": "Arched eyebrows",
        "Bushy_Eyebrows": "Bushy eyebrows",
    },
    "Nose and mouth": {
        "Big_Nose": "Big nose",
        "Pointy_Nose": "Pointy nose",
        "Big_Lips": "Full lips",
    },
    "Facial hair": {
        "No_Beard": "No beard",
        "5_o_Clock_Shadow": "5 o'clock shadow",
        "Mustache": "Moustache",
        "Goatee": "Goatee",
        "Sideburns": "Sideburns",
    },
    "Make-up": {
        "Heavy_Makeup": "Heavy make-up",
        "Wearing_Lipstick": "Lipstick",
        "Rosy_Cheeks": "Rosy cheeks",
    },
    "Accessories": {
        "Eyeglasses": "Glasses",
        "Wearing_Hat": "Hat",
        "Wearing_Earrings": "Earrings",
        "Wearing_Necklace": "Necklace",
        "Wearing_Necktie": "Necktie",
    },
    "Expression": {
        "Smiling": "Smiling",
        "Mouth_Slightly_Open": "Mouth slightly open",
    },
    "Subjective labels": {
        "Attractive": "“Attractive”",
        "Young": "“Young”",
        "Male": "“Male”",
        "Blurry": "“Blurry”",
    },
}
"""{group: {CelebA attribute: its name for people}}; every attribute stands in exactly one group."""

SUBJECTIVE_GROUP = "Subjective labels"
"""The one group of `ATTRIBUTE_GROUPS` that is opinion more than observation; it is shown only on request."""

SUBJECTIVE_REASON = (
    "People who labeled the training photos typed in their opinion here. The models learned that opinion, with its "
    "prejudices; it says nothing about who you are or how you look."
)

LOOK_QUESTIONS: dict[str, str] = {
    "hair_length": "Hair length",
    "hair_texture": "Hair texture",
    "hair_color": "Hair color",
    "fringe": "Fringe",
    "eyewear": "Eyewear",
    "headwear": "Headwear",
    "facial_hair": "Facial hair",
    "clothes": "Clothes",
    "clothes_color": "Clothes color",
    "part": "Parting",
    "shade": "Hair shade",
    "volume": "Hair volume",
    "style": "Hairstyle",
    "smile": "Smile",
    "face": "Face shape",
    "glasses": "Glasses",
    "earrings": "Earrings",
    "neck": "Neckline",
    "brows": "Eyebrows",
    "lips": "Lips",
    "age": "Age",
}
"""{question of `core.models.labels.LOOK`: its name for people}."""

_ANSWERS = {
    "darkbrown": "dark brown",
    "darkblond": "dark blond",
    "tshirt": "T-shirt",
    "multi": "several colors",
    "brownblack": "brown-black",
    "lightbrown": "light brown",
    "ashblond": "ash blond",
    "saltpepper": "salt and pepper",
    "halfup": "half up",
    "cat": "cat-eye",
    "rect": "rectangular",
    "vneck": "V-neck",
    "suitopen": "open suit",
    "crew": "crew neck",
    "off": "off the shoulder",
    "turtle": "turtleneck",
}

SKIN_TONES: dict[str, str] = {
    "type2": "Light",
    "type3": "Medium light",
    "type4": "Medium",
    "type5": "Medium dark",
    "type6": "Dark",
}
"""{skin type of `core.models.labels.SKIN_TONES`: the name of its emoji modifier}."""

EMOTIONS: dict[str, str] = {
    "angry": "Angry",
    "disgust": "Disgusted",
    "fear": "Afraid",
    "happy": "Happy",
    "neutral": "Neutral",
    "sad": "Sad",
    "surprise": "Surprised",
}
"""{emotion of `core.models.labels.EMOTIONS`: its name for people}."""


def answer_label(answer: str) -> str:
    """The name for people of an answer in `core.models.labels.LOOK`, such as "Dark brown" for "darkbrown"."""
    words = _ANSWERS.get(answer, answer)
    return words[0].upper() + words[1:]
