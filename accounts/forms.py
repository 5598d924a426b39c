"""Sign-in, passwords, people: what was typed, clean."""

from datetime import date

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts

from accounts.choices import AccountStanding
from kernel.days import DAY_BOUNDS

# Hashing a password of megabytes would be a way to stop the server.
_LONGEST = 128


class SignInForm(forms.Form):
    username = forms.CharField(
        label="登录名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label="密码",
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_username(self) -> str:
        return self.cleaned_data["username"].lower()


class PasswordForm(forms.Form):
    current = forms.CharField(
        label="现在的密码",
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    password = forms.CharField(
        label="新密码",
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一次新密码",
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = "".join(password_validators_help_texts())

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "两次输入的新密码不一样，请重新输入。")
        return cleaned


class ContactForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=60)
    phone = forms.CharField(label="手机", max_length=20, required=False)
    office_phone = forms.CharField(label="办公电话", max_length=20, required=False)
    email = forms.EmailField(label="电子邮件", required=False, help_text="配置了邮件服务时，消息同时发到这里。")


def _temporary_password(**kwargs) -> forms.CharField:
    """A password that somebody else hears of: shown while it is typed, changed at the first sign-in."""
    return forms.CharField(
        label="临时密码",
        max_length=_LONGEST,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        **kwargs,
    )


class NewPersonForm(ContactForm):
    username = forms.CharField(
        label="登录名", max_length=40, required=False, help_text="只任职、不登录的人员可不填。字母、数字或 . _ - @。"
    )
    password = _temporary_password(required=False, help_text="本人首次登录须修改。")

    def clean(self) -> dict:
        """Nothing typed means no sign-in; one without the other would be neither."""
        cleaned = super().clean()
        for field in ("username", "password"):
            cleaned[field] = cleaned.get(field) or None
        if bool(cleaned["username"]) != bool(cleaned["password"]) and not self.errors:
            self.add_error("password", "登录名和临时密码须同时填写，或都不填。")
        return cleaned


class TemporaryPasswordForm(forms.Form):
    password = _temporary_password(help_text="本人登录后须立即修改；已打开的会话随即退出。")


class AuditFilter(forms.Form):
    """Narrows the audit log; what cannot be understood narrows nothing."""

    q = forms.CharField(label="操作人、动作或对象", max_length=60, required=False)
    since = forms.DateField(
        label="自", required=False, validators=DAY_BOUNDS, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="至", required=False, validators=DAY_BOUNDS, widget=forms.DateInput(attrs={"type": "date"})
    )

    @property
    def text(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""

    @property
    def days(self) -> tuple[date | None, date | None]:
        return (self.cleaned_data["since"], self.cleaned_data["until"]) if self.is_valid() else (None, None)


class PeopleFilter(forms.Form):
    """Narrows the list of people; what cannot be understood narrows nothing."""

    q = forms.CharField(label="姓名、登录名或手机", max_length=40, required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *AccountStanding.choices])

    @property
    def text(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""

    @property
    def standing(self) -> str:
        return self.cleaned_data.get("state", "") if self.is_valid() else ""
