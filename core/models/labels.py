"""What the models can say: every label name is written here once and imported everywhere else."""

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

LOOK: dict[str, tuple[str, ...]] = {
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
"""What CelebA's labels cannot say and an emoji needs: {question: answers}."""

LOOK_SLICES: dict[str, slice] = {}
"""Where each question's answers stand in the look network's output vector."""
_start = 0
for _question, _answers in LOOK.items():
    LOOK_SLICES[_question] = slice(_start, _start + len(_answers))
    _start += len(_answers)

LOOK_SIZE = _start

OUTPUTS: dict[str, int] = {
    "attributes": len(ATTRIBUTES),
    "emotion": 2 * len(EMOTIONS),
    "look": LOOK_SIZE,
    "skin_tone": len(SKIN_TONES),
    "alignment": 5,
}
"""{task: width of its network's last layer}: emotion answers twice, by FER-2013's labels and by FER+ votes."""
