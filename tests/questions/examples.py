"""XLSForm's own examples, which lie beside the checkout where the project is worked on."""

import pytest

from jiafang.localdb import CHECKOUT

EXAMPLES = CHECKOUT.parent / "shared" / "data" / "xlsform"
# What each of them uses that is not supported, first; the others load.
NOT_SUPPORTED = {
    "bad_calc.xlsx": ("survey", 2, "calculation"),
    "cascading_select_test_equivalent.xls": ("survey", 5, "calculation"),
    "case_insensitivity.xlsx": ("survey", 3, "外部"),
    "choice_name_as_type.xls": ("survey", 3, "外部"),
    "flat_xlsform_test.xlsx": ("survey", 30, "acknowledge"),
    "hidden.xls": ("survey", 2, "hidden"),
    "include.xlsx": ("survey", 3, "include"),
    "include_json.xlsx": ("survey", 2, "include"),
    "loop.xlsx": ("survey", 3, "begin loop over toilet_type"),
    "pull_data.xlsx": ("survey", 2, "calculation"),
    "simple_loop.xls": ("survey", 2, "begin loop over my_columns"),
    "unknown_question_type.xls": ("survey", 27, "geopoint"),
    "xlsform_spec_test.xlsx": ("survey", 15, "begin repeat"),
}
SUPPORTED = {
    "allow_comment_rows_test.xls": ["farmer_name"],
    "default_time_demo.xls": ["start_time"],
    "extra_sheet_names.xlsx": ["test"],
    "group.xls": ["family_name", "phone_number", "age"],
    "specify_other.xls": ["sex", "sex_other"],
    "style_settings.xls": ["your_name", "your_age"],
    "table-list.xls": ["intro", "table_list_3", "table_list_4", "happy_sad_brian", "happy_sad_michael"],
    "text_and_integer.xlsx": ["your_name", "your_age"],
    "yes_or_no_question.xls": ["good_day"],
}

there = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="NO EXAMPLES OF XLSFORM beside the checkout: only workbooks made here are read"
)
