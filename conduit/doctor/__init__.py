"""What is looked at when something is wrong, or before it is: each finding with its remedy. Looking changes nothing."""
