"""What a venue has: sound, network, sticks, power, a clock, a screen, a hub, and things that hang."""
