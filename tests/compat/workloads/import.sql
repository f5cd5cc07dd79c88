-- SPDX-License-Identifier: MIT
create table sales (id integer primary key, city text, amount real, day integer);
.mode csv
.import rows.csv sales
.mode list
create index by_city on sales (city, day);
select count(*), round(sum(amount), 2) from sales;
select city, count(*), round(avg(amount), 3) from sales group by city order by 2 desc, 1 limit 15;
select day, group_concat(id) from (select id, day from sales where amount > 995) group by day
  order by day limit 10;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select sum(i) from n;
update sales set amount = amount * 1.5 where city like 'city_1%';
delete from sales where day % 7 = 0;
select count(*), max(length(city)), round(sum(amount), 1) from sales;
select json_group_array(id) from (select id from sales where id % 5000 = 1);
vacuum;
pragma integrity_check;
