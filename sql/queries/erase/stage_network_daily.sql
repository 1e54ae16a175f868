-- Builds a booking of network_daily with the listed networks replaced.
INSERT INTO network_daily_staging
SELECT * REPLACE (if(pseudonym = '', network, pseudonym) AS network)
EXCEPT (listed, pseudonym)
FROM (SELECT * FROM network_daily WHERE day = {day:Date} AND booked_day = {booked_day:Date}) AS booking
LEFT JOIN (SELECT network AS listed, pseudonym FROM erasure_network FINAL) AS list ON list.listed = booking.network
