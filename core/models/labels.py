"""What the models can say: every label name is written here once and imported everywhere else."""

from collections.abc import Mapping
from itertools import accumulate

ATTRIBUTES: tuple[str, ...] = (
    "5_o_Clock_Shadow", "Arched_Eyebrows", "Attractive", "Bags_Under_Eyes", "Bald", "Bangs", "Big_Lips", "Big_Nose",
    "Black_Hair", "Blond_Hair", "Blurry", "Brown_Hair", "Bushy_Eyebrows", "Chubby", "Double_Chin", "Eyeglasses",
    "Goatee", "Gray_Hair", "Heavy_Makeup", "High_Cheekbones", "Male", "Mouth_Slightly_Open", "Mustache",
    "Narrow_Eyes", "No_Beard", "Oval_Face", "Pale_Skin", "Pointy_Nose", "Receding_Hairline", "Rosy_Cheeks",
    "Sideburns", "Smiling", "Straight_Hair", "Wavy_Hair", "Wearing_Earrings", "Wearing_Hat", "Wearing_Lipstick",
    "Wearing_Necklace", "Wearing_Necktie", "Young",
)  # fmt: skip
"""The 40 binary attributes of CelebA (Liu et al., 2015), in the dataset's order."""

EMOTIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
"""The seven classes of FER-2013 (Goodfellow et al., 2013)."""

FERPLUS_COLUMNS: dict[str, str] = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy", "neutral": "neutral",
    "sadness": "sad", "surprise": "surprise",
}  # fmt: skip
"""FER+ vote column (Barsoum et al., 2016) -> its FER-2013 class; contempt, unknown and NF have none."""

SKIN_TONES: tuple[str, ...] = ("type2", "type3", "type4", "type5", "type6")
"""Fitzpatrick skin types 2 to 6, light to dark: Unicode's five emoji modifiers (type 1 and 2 share the first)."""

BASICS: dict[str, tuple[str, ...]] = {
    "hair_length": ("bald", "buzz", "short", "medium", "long", "tied", "covered"),
    "hair_texture": ("straight", "wavy", "curly", "coily", "none"),
    "hair_color": ("black", "darkbrown", "brown", "darkblond", "blond", "red", "gray", "white", "other", "none"),
    "fringe": ("yes", "no"),
    "eyewear": ("none", "glasses", "sunglasses"),
    "headwear": ("none", "cap", "beanie", "brimmed", "scarf", "other"),
    "facial_hair": ("none", "stubble", "moustache", "goatee", "beard"),
    "clothes": ("tshirt", "shirt", "suit", "dress", "jacket", "hidden"),
    "clothes_color": (
        "black", "white", "gray", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "multi",
        "hidden",
    ),
}  # fmt: skip
"""What CelebA's labels cannot say and an emoji needs most: {question: answers}."""

DETAILS: dict[str, tuple[str, ...]] = {
    "part": ("left", "center", "right", "none"),
    "shade": (
        "black", "brownblack", "darkbrown", "chestnut", "brown", "lightbrown", "auburn", "copper", "strawberry",
        "honey", "ashblond", "blond", "platinum", "saltpepper", "gray", "white", "dyed", "none",
    ),
    "volume": ("flat", "normal", "full", "none"),
    "style": ("short", "down", "halfup", "ponytail", "updo", "braids", "locs", "bald", "covered"),
    "smile": ("frown", "serious", "calm", "soft", "teeth", "laugh", "open"),
    "face": ("oval", "round", "square", "heart", "long"),
    "glasses": ("none", "rect", "thick", "round", "aviator", "cat", "rimless"),
    "earrings": ("none", "stud", "hoop", "drop", "hidden"),
    "neck": (
        "crew", "vneck", "collar", "tie", "suitopen", "scoop", "strap", "off", "turtle", "hood", "other", "hidden",
    ),
    "brows": ("thin", "normal", "thick", "hidden"),
    "lips": ("natural", "pink", "red", "dark"),
    "age": ("child", "young", "middle", "old"),
}  # fmt: skip
"""Finer questions: {question: answers}. part is on which side of the picture the hair is parted."""
LOOK = BASICS | DETAILS
"""All that the look network is asked."""


def slices(questions: Mapping[str, tuple[str, ...]]) -> dict[str, slice]:
    """Where each question's answers stand in the output vector of a network that is asked them all."""
    ends = list(accumulate(len(answers) for answers in questions.values()))
    return {
        question: slice(end - len(answers), end)
        for (question, answers), end in zip(questions.items(), ends, strict=True)
    }


LOOK_SLICES = slices(LOOK)
LOOK_SIZE = sum(map(len, LOOK.values()))

POINTS: dict[str, tuple[int, int]] = {
    "lips_outer": (0, 10), "lips_inner": (10, 20), "eye_left_of_picture": (20, 28), "eye_right_of_picture": (28, 36),
    "pupils": (36, 38), "brow_left_of_picture": (38, 43), "brow_right_of_picture": (43, 48), "outline": (48, 66),
    "nose": (66, 70),
}  # fmt: skip
"""Which of a face's 70 points are where: {part: (first, one past the last)}. Lips and eyes are rings, the outline goes
round from the top of the forehead over the right of the picture, brows and nose are lines. They are points of
MediaPipe's face mesh (Kartynnik et al., 2019)."""
POINT_COUNT = 70

REGIONS: tuple[str, ...] = (
    "background", "skin", "brows", "eyes", "glasses", "lips", "mouth", "hair", "hat", "earrings", "clothes",
)  # fmt: skip
"""What a pixel of a portrait can show. Skin is also that of nose, ears and neck; the mouth is what open lips show."""

MOVEMENTS: tuple[str, ...] = (
    "neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""The 52 movements of a face that MediaPipe's blendshape network names; left and right are the person's own."""

OUTPUTS: dict[str, int] = {
    "attributes": len(ATTRIBUTES),
    "emotion": 2 * len(EMOTIONS),
    "look": LOOK_SIZE,
    "skin_tone": len(SKIN_TONES),
    "alignment": 5,
    "parser": len(REGIONS),
    "finder": 5,
    "motion": 2 * POINT_COUNT + len(MOVEMENTS) + 3 + 1,
}
"""{task: width of its network's last layer}: emotion answers twice, by FER-2013's labels and by FER+ votes; motion
gives points, movements, three angles and sureness."""
