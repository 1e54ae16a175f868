-- Days of the period by state: closed and dropped days never change, open days may, others are not sealed yet.
SELECT
    if(seal.state = '', 'not sealed', toString(seal.state)) AS state,
    count() AS days,
    min(booked.day) AS first_day,
    max(booked.day) AS last_day
FROM
(
    SELECT DISTINCT day, booked_day
    FROM usage_known
    WHERE booked_day >= toDate({period:String} || '-01') AND booked_day <= {until:Date}
) AS booked
LEFT JOIN (SELECT day, booked_day, state FROM seal_current) AS seal ON seal.day = booked.day AND seal.booked_day = booked.booked_day
GROUP BY state
ORDER BY state
