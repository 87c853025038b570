"""The words of pages for people: which language, dates and numbers in it, and what the rooms below say.

May import Flask, `web` and the rooms below it; English stands in the code, all else in `service/translations/`.
"""
