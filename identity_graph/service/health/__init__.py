"""The numbers of health, the doctor, and the comparison of what is stored with what follows from the events."""
