//! Tables that are hard to read (csv-spectrum, which `tests/install` brings), beside what they say in JSON.

use std::{collections::BTreeSet, fs, io};

use serde_json::{Map, Value};

use super::tabular::{self, Shape};

#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../../tests/support/tools.rs"]
mod tools;

#[test]
fn hard_tables_say_what_they_should() {
    let folder = tools::tools().join("node_modules/csv-spectrum");
    let files = fs::read_dir(folder.join("csvs")).expect("tests/install was run");
    let mut count = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        // Its JSON tells of another row than its table.
        if name == "location_coordinates" {
            continue;
        }
        let json = fs::read(folder.join("json").join(format!("{name}.json"))).unwrap();
        // Of one row it is an object.
        let wanted: Value = serde_json::from_slice(&json).unwrap();
        let rows = if wanted.is_array() { wanted } else { Value::Array(vec![wanted]) };
        let wanted: Vec<Map<String, Value>> = serde_json::from_value(rows).unwrap();
        let columns: BTreeSet<&String> = wanted.iter().flat_map(Map::keys).collect();
        let columns: Vec<&'static str> = columns.into_iter().map(|name| &*name.clone().leak()).collect();
        let normal: Vec<&'static str> =
            columns.iter().map(|name| &*name.trim().to_lowercase().replace(' ', "_").leak()).collect();
        let shape = Shape { columns: normal.leak(), required: columns.len() };
        let mut read = Vec::new();
        let table = io::BufReader::new(fs::File::open(&file).unwrap());
        let ended = tabular::read(table, &shape, &mut |_, cells| {
            read.push(cells);
            Ok(())
        });
        assert_eq!(ended, Ok(()), "{name}");
        let cell = |row: &Map<String, Value>, column: &str| row[column].as_str().unwrap_or_default().to_owned();
        let wanted = wanted.iter().map(|row| Ok(columns.iter().map(|column| cell(row, column)).collect::<Vec<_>>()));
        assert_eq!(read, wanted.collect::<Vec<_>>(), "{name}");
        count += 1;
    }
    assert!(count >= 11, "{count} tables");
}
