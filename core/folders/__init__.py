"""Files, folders and patterns in; emojis of many photos and the record of the run out."""
