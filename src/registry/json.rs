//! Records in JSON: an object on each line, or one array of objects.

use std::{
    cell::Cell,
    fmt,
    io::{BufRead, Read},
};

use serde::{
    Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::tabular::{Bounded, Cells, LONGEST_RECORD, Shape, Take, unknown};

/// Reads an object from each line.
pub(super) fn lines(mut file: impl BufRead, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        // A line without an end must not fill the memory.
        let most = LONGEST_RECORD as u64;
        let read = (&mut file).take(most).read_until(b'\n', &mut bytes).map_err(|fault| fault.to_string())?;
        if read == 0 {
            break;
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let parsed = serde_json::from_slice(&bytes).map_err(|fault| match fault.column() {
            0 => "This line is no JSON object.".to_owned(),
            column => format!("This line is no JSON object: look at its character {column}."),
        });
        take(number, parsed.and_then(|value| cells_of(&value, shape)))?;
    }
    Ok(())
}

/// Reads the objects of one array; their places are counted from 1.
pub(super) fn array(file: impl Read, shape: &Shape, take: Take<'_>) -> Result<(), String> {
    let left = Cell::new(LONGEST_RECORD);
    let file = std::io::BufReader::new(Bounded { file, left: &left });
    let mut refused = None;
    let objects = Objects { shape, take, left: &left, refused: &mut refused };
    let mut json = serde_json::Deserializer::from_reader(file);
    // What stands behind the array is not passed over: it may be another one.
    let read = json.deserialize_seq(objects).and_then(|()| json.end());
    if let Some(refused) = refused {
        return Err(refused);
    }
    read.map_err(|fault| format!("The file is no JSON array: {fault}."))
}

/// Takes the elements of an array as they come.
struct Objects<'a> {
    shape: &'a Shape,
    take: Take<'a>,
    left: &'a Cell<usize>,
    refused: &'a mut Option<String>,
}

impl<'de> Visitor<'de> for Objects<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut objects: A) -> Result<(), A::Error> {
        for place in 1.. {
            self.left.set(LONGEST_RECORD);
            let Some(value) = objects.next_element::<Value>()? else { break };
            if let Err(refused) = (self.take)(place, cells_of(&value, self.shape)) {
                *self.refused = Some(refused);
                return Err(serde::de::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

fn cells_of(value: &Value, shape: &Shape) -> Result<Cells, String> {
    let object: &Map<String, Value> = value.as_object().ok_or("This is no JSON object.")?;
    let mut cells = vec![String::new(); shape.columns.len()];
    let mut put = |name: &str, value: &Value| {
        let column = shape.columns.iter().position(|column| *column == name).ok_or_else(|| unknown(name, shape))?;
        cells[column] = text(name, value)?;
        Ok::<_, String>(())
    };
    for (name, value) in object {
        match value {
            // Nothing is nothing, in a list's place as well.
            Value::Null => {}
            Value::Array(values) => {
                let mut numbered = values.iter().zip(1..);
                numbered.try_for_each(|(value, number)| put(&format!("{name}_{number}"), value))?;
            }
            value => put(name, value)?,
        }
    }
    Ok(cells)
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        // Beyond this a number in JSON is no longer the one that was written (RFC 8259, section 6).
        Value::Number(number) if number.as_f64().is_some_and(|number| number.abs() < 9_007_199_254_740_992.0) => {
            Ok(number.to_string())
        }
        Value::Number(_) => Err(format!("Column {name}: put numbers of more than 15 digits in quotation marks.")),
        _ => Err(format!("Column {name}: write a text or a number.")),
    }
}
