"""What a network is and how its weights are loaded: names in, torch modules in evaluation mode out."""
