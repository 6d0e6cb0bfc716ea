"""The rules. No Flask, no request: the time and the actor are passed in."""
