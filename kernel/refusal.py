class Refused(Exception):
    """A failure that a person caused and can mend; `sentence` is Chinese and says what to do."""

    def __init__(self, sentence: str, code: str = "refused") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
