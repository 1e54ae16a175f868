-- The true part of the usage that was attributed to a family (to each if none is named) and its organisations:
-- 5 %, median and 95 % of the draws of a run. Units in decimals.
SELECT
    family_id,
    org_id,
    tier,
    requester_class,
    toString(requests_attributed) AS requests_attributed,
    toString(requests_low) AS requests_low,
    toString(requests_point) AS requests_point,
    toString(requests_high) AS requests_high,
    toString(bytes_attributed) AS bytes_attributed,
    toString(bytes_low) AS bytes_low,
    toString(bytes_point) AS bytes_point,
    toString(bytes_high) AS bytes_high,
    toDecimalString(units_attributed, 6) AS units_attributed,
    toDecimalString(units_low, 6) AS units_low,
    toDecimalString(units_point, 6) AS units_point,
    toDecimalString(units_high, 6) AS units_high
FROM usage_interval
WHERE run_id = {run_id:String} AND ({family:String} = '' OR family_id = {family:String})
ORDER BY family_id, org_id, requester_class, tier
SETTINGS final = 1
