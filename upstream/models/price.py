"""What a model costs, from a day on."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from upstream.models.language_model import LanguageModel

NOT_LESS_THAN_NOTHING = MinValueValidator(Decimal(0))
CURRENCY = RegexValidator(r"\A[A-Z]{3}\Z", _("Three capital letters, as in EUR or USD."))


class Price(models.Model):
    """Counts from `since` until the next price of the model, so that a new one leaves what was used before alone.
    Amounts are for a million tokens.
    """

    language_model = models.ForeignKey(
        LanguageModel, on_delete=models.CASCADE, related_name="prices", verbose_name=_("model")
    )
    since = models.DateField(_("counts from"))
    input_price = models.DecimalField(
        _("a million tokens of prompts"),
        max_digits=12,
        decimal_places=6,
        validators=[NOT_LESS_THAN_NOTHING],
    )
    output_price = models.DecimalField(
        _("a million tokens of answers"),
        max_digits=12,
        decimal_places=6,
        validators=[NOT_LESS_THAN_NOTHING],
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[CURRENCY])

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("-since",)
        constraints = (
            models.UniqueConstraint(
                fields=("language_model", "since"), name="one_price_of_a_model_a_day"
            ),
        )

    def __str__(self) -> str:
        return (
            f"{self.input_price.normalize():f} / {self.output_price.normalize():f} {self.currency}"
        )
