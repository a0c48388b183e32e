"""The pages of lending."""

from django.urls import path

from lending.web import applications, calculator, decisions, loans, new_applications, products

app_name = "lending"

urlpatterns = [
    path("calculator/", calculator.calculator, name="calculator"),
    path("products/", products.index, name="products"),
    path("products/new/", products.create, name="new-product"),
    path("products/<uuid:product_id>/", products.detail, name="product"),
    path("products/<uuid:product_id>/publish/", products.publish, name="publish-product"),
    path("products/<uuid:product_id>/retire/", products.retire, name="retire-product"),
    path("limits/", products.limits, name="limits"),
    path("limits/new/", products.set_limits, name="set-limits"),
    path("applications/", applications.index, name="applications"),
    path("applications/new/", new_applications.create, name="new-application"),
    path("applications/<uuid:application_id>/", applications.detail, name="application"),
    path("applications/<uuid:application_id>/submit/", decisions.submit, name="submit"),
    path("applications/<uuid:application_id>/review/", decisions.start_review, name="start-review"),
    path("applications/<uuid:application_id>/return/", decisions.return_, name="return"),
    path("applications/<uuid:application_id>/approve/", decisions.approve, name="approve"),
    path("applications/<uuid:application_id>/decline/", decisions.decline, name="decline"),
    path("applications/<uuid:application_id>/withdraw/", decisions.withdraw, name="withdraw"),
    path("applications/<uuid:application_id>/contract/", decisions.sign, name="sign"),
    path("loans/", loans.index, name="loans"),
    path("loans/<uuid:loan_id>/", loans.detail, name="loan"),
    path("loans/<uuid:loan_id>/disburse/", loans.disburse, name="disburse"),
    path("loans/<uuid:loan_id>/freeze/", loans.freeze, name="freeze"),
    path("loans/<uuid:loan_id>/unfreeze/", loans.unfreeze, name="unfreeze"),
]
