"""The rules: no Flask, no request; the clock's time and the actor are passed in."""
