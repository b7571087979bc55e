"""Tests that fail by design, by suite: words of how each fails, and why it is not mended."""

NOT_FITTED = (
    "sklearn.exceptions.NotFittedError",
    "raises as scikit-learn's Pipeline does, where imbalanced-learn still warns that it will",
)
GAN = "GANOverSampler(generator=TabularGAN(n_steps=5),random_state=0)"

NO_ROWS = ("has no rows", "cannot happen: a step that adds rows would refuse X=None or X=False")
WORDS = ("Regex pattern did not match", "the same refusal in other words")
TRANSFORM_INPUT = ("transform_input=", "refused with a step that adds rows")

OWN_PARAMETER = "the Pipeline has a parameter of its own, keep_generator"
PASSED_THROUGH = {
    f"test_set_pipeline_step_passthrough[{what}]": (
        "assert pipeline.get_params(deep=True) == {",
        OWN_PARAMETER,
    )
    for what in ("None", "passthrough")
}
PARAMETERS = {
    "test_pipeline_raise_set_params_error": ("'keep_generator'", OWN_PARAMETER),
    **PASSED_THROUGH,
}

EXCEPTIONS = {
    "sklearn_pipeline": PARAMETERS,
    "sklearn_pipeline_own_loop": {
        **PARAMETERS,
        "test_pipeline_invalid_parameters": WORDS,
        "test_set_pipeline_steps": WORDS,
        "test_step_name_validation": WORDS,
        "test_transform_input_no_slep6": WORDS,
        "test_empty_pipeline": ("IndexError", "cannot happen: no step adds rows"),
        "test_pipeline_fit_params": NO_ROWS,
        "test_fit_predict_with_intermediate_fit_params": NO_ROWS,
        "test_predict_methods_with_predict_params[predict]": NO_ROWS,
        "test_predict_methods_with_predict_params[predict_proba]": NO_ROWS,
        "test_predict_methods_with_predict_params[predict_log_proba]": NO_ROWS,
        "test_verbose[est1-pattern1-fit_predict]": NO_ROWS,
        "test_verbose[est3-pattern3-fit_predict]": NO_ROWS,
        "test_verbose[est5-pattern5-fit_predict]": NO_ROWS,
        "test_transform_input_pipeline[fit]": TRANSFORM_INPUT,
        "test_transform_input_pipeline[fit_transform]": TRANSFORM_INPUT,
        "test_transform_input_explicit_value_check": TRANSFORM_INPUT,
        "test_transform_tuple_input": TRANSFORM_INPUT,
    },
    "metadata_routing": dict.fromkeys(
        ("test_default_request[AugmentedClassifier]", "test_default_request[AugmentedRegressor]"),
        (
            "assert_request_is_empty",
            "folds that are dealt out here keep groups together, so they ask for them",
        ),
    ),
    "delegation": {
        "test_meta_estimators_delegate_data_validation[AugmentedClassifier]": (
            "Expected 2D array",
            "the generator learns the rows passed in, and texts are no table",
        ),
        "test_meta_estimators_delegate_data_validation[AugmentedRegressor]": (
            "Expected 2D array",
            "the generator learns the rows passed in, and texts are no table",
        ),
        "test_meta_estimators_delegate_data_validation[Pipeline]": (
            "X is sparse (csr_matrix)",
            "generators learn dense tables",
        ),
    },
    "imblearn_pipeline": {
        **dict.fromkeys(
            PASSED_THROUGH,
            ("assert pipeline.get_params(deep=True) == expected_params", OWN_PARAMETER),
        ),
        "test_pipeline_init": (
            "All intermediate steps should be transformers and implement fit and transform",
            "without a step that adds rows the words are scikit-learn's",
        ),
        "test_pipeline_with_step_that_implements_both_sample_and_transform": (
            "DID NOT RAISE TypeError",
            "a step may both transform and add rows, as GANAugmenter does",
        ),
        "test_pipeline_with_step_that_it_is_pipeline": (
            "DID NOT RAISE TypeError",
            "a pipeline in a pipeline adds its rows",
        ),
        "test_pipeline_param_validation": (
            "expected but missing parameters {'keep_generator'}",
            OWN_PARAMETER,
        ),
        **{
            f"test_pipeline_warns_not_fitted[{method}]": NOT_FITTED
            for method in (
                "predict",
                "predict_proba",
                "predict_log_proba",
                "decision_function",
                "score",
                "score_samples",
                "transform",
                "inverse_transform",
            )
        },
    },
    "imblearn_samplers": {
        f"test_sampler[{GAN}-check_samplers_pandas_sparse]": (
            "has dtype Sparse[float64, 0], which is not supported",
            "columns of pandas' sparse dtype have to be made dense",
        ),
    },
}
