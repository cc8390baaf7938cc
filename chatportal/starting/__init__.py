"""What is looked at before the portal serves. Whatever is found, nothing is changed, and a sentence says what to do."""
