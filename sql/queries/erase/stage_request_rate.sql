-- Builds a booking of request_rate with the listed networks replaced.
INSERT INTO request_rate_staging
SELECT * REPLACE (if(pseudonym = '', network, pseudonym) AS network)
EXCEPT (listed, pseudonym)
FROM (SELECT * FROM request_rate WHERE day = {day:Date} AND booked_day = {booked_day:Date}) AS booking
LEFT JOIN (SELECT network AS listed, pseudonym FROM erasure_network FINAL) AS list ON list.listed = booking.network
