"""Exports of other systems, built from what is known of their files and not from what the importer reads."""
