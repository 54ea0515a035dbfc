"""Extensions: installed for a test, broken in every way, and driven as a person does."""
