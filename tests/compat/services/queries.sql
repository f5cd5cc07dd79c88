-- SPDX-License-Identifier: MIT
-- Queries whose answers are the same each time: memory contexts that grow, hashes, sorts that spill,
-- parallel workers, large values, errors that are caught, regular expressions, full text.
set client_min_messages = error;
create table item (id int primary key, kind int, name text, price numeric(12, 2), tags text[], doc jsonb);
insert into item
select i, i % 97, 'name ' || md5(i::text), (i * 7919 % 100003) / 100.0,
       array['t' || i % 5, 't' || i % 11], jsonb_build_object('n', i, 'list', array[i % 3, i % 7, i % 13])
from generate_series(1, 30000) i;
create index on item (kind, price);
create index on item using gin (tags);
create index on item using gin (doc jsonb_path_ops);
create index on item using brin (id);
create index on item using gin (to_tsvector('english', name));
create table point_of (id int, at point);
insert into point_of select i, point(i % 101, i * 31 % 211) from generate_series(1, 5000) i;
create index on point_of using gist (at);
analyze;

select kind, count(*), sum(price), min(name), max(name) from item group by kind order by kind;
select id, price, rank() over (partition by kind order by price desc, id) from item
where id % 500 = 0 order by id;
select md5(string_agg(name, ',' order by name desc)) from item;
select length(string_agg(repeat(name, 20), '')) from item;
select md5(array_agg(id order by price, id)::text) from item;
select count(*) from item where tags @> array['t3', 't7'];
select count(*) from item where doc @> '{"list": [2, 6]}';
select doc -> 'list' ->> 1 as second, count(*) from item group by 1 order by 1;
select count(*) from item where to_tsvector('english', name) @@ to_tsquery('name & !absent');
select count(*) from point_of where at <@ box '((10,10),(60,120))';
select id from point_of order by at <-> point '(50,50)', id limit 10;
select count(*), sum(a.price * b.price) from item a join item b on a.kind = b.kind and a.id < b.id
where a.id <= 3000 and b.id <= 3000;
select regexp_replace(name, '([0-9])([a-f]+)', '\2<\1>', 'g') from item where id % 3000 = 0 order by id;
select word, count(*) from item, regexp_split_to_table(name, '[0-9]+') word
group by word having count(*) > 400 order by 2 desc, 1;
with recursive tree (n, path) as (
    select 1, array[1] union all
    select n * 2 + d, path || (n * 2 + d) from tree, (values (0), (1)) v (d) where n < 4000)
select count(*), max(n), md5(string_agg(array_to_string(path, '/'), ' ' order by path)) from tree;
select kind, name, sum(price) from item where id < 300 group by rollup (kind, name)
order by kind nulls last, name nulls last limit 40;

create function collatz(start bigint) returns int language plpgsql as $$
declare n bigint := start; steps int := 0; trail bigint[] := '{}';
begin
    while n <> 1 loop
        n := case when n % 2 = 0 then n / 2 else 3 * n + 1 end;
        trail := trail || n;
        steps := steps + 1;
    end loop;
    return cardinality(trail);
end $$;
select sum(collatz(i)) from generate_series(1, 1500) i;

create function failing(n int) returns text language plpgsql as $$
begin
    perform 1 / (n % 3);
    insert into item (id) values (n);
    raise exception 'inserted %', n;
exception
    when division_by_zero then return 'division';
    when unique_violation then return 'unique';
    when others then return sqlerrm;
end $$;
select failing(i * 2000), count(*) from generate_series(1, 30) i group by 1 order by 1;

create table big (id int, body text);
insert into big select i, repeat(md5(i::text), 20000) from generate_series(1, 8) i;
update big set body = body || repeat('tail', 50000) where id % 2 = 0;
select id, length(body), md5(body) from big order by id;
begin;
declare walker cursor for select id, name from item order by name;
move 12345 in walker;
fetch 5 from walker;
savepoint here;
delete from item where kind < 50;
rollback to here;
commit;
prepare by_kind (int) as select count(*) from item where kind = $1;
execute by_kind (1); execute by_kind (2); execute by_kind (3); execute by_kind (4);
execute by_kind (5); execute by_kind (6); execute by_kind (7); deallocate by_kind;
copy (select id, name, tags from item where id % 4000 = 0 order by id) to stdout (format csv, header);
create temp table loaded (a int, b text);
copy loaded from stdin;
1	one
2	two\ttabbed
3	\N
\.
select * from loaded order by a;
create materialized view kinds as select kind, avg(price)::numeric(12, 4) from item group by kind;
refresh materialized view kinds;
select md5(string_agg(kinds::text, ';' order by kind)) from kinds;
select xmlelement(name item, xmlattributes(id as id), xmlforest(name, price)) from item where id < 4;
select count(*) from pg_class a, pg_attribute b where b.attrelid = a.oid and a.relname = 'item';
vacuum analyze item;
