-- Write down that the bound organisation looked at a whole population: one row of the read log.
CREATE FUNCTION qfce_log_population(
    p_purpose text, p_list text, p_basis text[], p_number bigint, p_subjects integer, p_digest text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF qfce_bound_organization() IS NOT NULL THEN
        PERFORM qfce_log_read('population', p_purpose, p_basis, '{}', p_subjects, p_number,
                              jsonb_build_object('factor_list', p_list, 'digest', p_digest));
    END IF;
END
$$
