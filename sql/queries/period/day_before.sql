-- The last day of a period, before a day, with requests; NULL if there is none.
SELECT toString(maxOrNull(day)) AS last_day
FROM (SELECT arrayJoin(days) AS day FROM ledger_current WHERE state = 'loaded')
WHERE day >= toDate({period:String} || '-01') AND day < addMonths(toDate({period:String} || '-01'), 1) AND day < {before:Date}
