"""What Netsmith promises about speed, measured. One file a promise; `python -m bench` runs them all."""
