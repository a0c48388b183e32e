from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "qfce.kernel.web"
    label = "web"
