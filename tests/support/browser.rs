//! A browser without JavaScript: it keeps cookies, follows redirects, and sends forms with their
//! hidden fields.

use std::collections::BTreeMap;

use reqwest::{Client, Method, Response, redirect::Policy};

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its status.
    pub status: u16,
    /// The path that it was found under at last.
    pub path: String,
    /// Its text.
    pub body: String,
}

/// The browser.
pub struct Browser {
    client: Client,
    url: String,
    /// Its cookies, by name.
    pub cookies: BTreeMap<String, String>,
    /// Headers that it sends with everything.
    pub headers: Vec<(&'static str, String)>,
}

impl Browser {
    /// A browser that was never anywhere.
    pub fn new(url: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, url: url.to_owned(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A browser that believes this certificate authority (PEM) as well.
    pub fn trusting(url: &str, authority: &[u8]) -> Self {
        let authority = reqwest::Certificate::from_pem(authority).unwrap();
        let client = Client::builder().redirect(Policy::none()).add_root_certificate(authority).build().unwrap();
        Self { client, ..Self::new(url) }
    }

    /// Goes to a page.
    pub async fn get(&mut self, path: &str) -> Page {
        self.follow(Method::GET, path.to_owned(), None).await
    }

    /// Sends the form of `page` whose action ends with `action`, with its hidden fields and these.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let form = page.form(action);
        let mut all: Vec<(String, String)> = form.hidden;
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.follow(Method::POST, form.action, Some(all)).await
    }

    /// Sends a form through its preview: looks at what would be posted, then posts it. A form with a fault comes back.
    pub async fn post_checked(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let typed = fields.iter().copied().filter(|(name, _)| *name != "go").chain([("go", "preview")]);
        let shown = self.submit(page, action, &typed.collect::<Vec<_>>()).await;
        if shown.value("seen").is_none() {
            return shown;
        }
        self.submit(&shown, action, &[("go", "post")]).await
    }

    /// Posts fields as they are, without any page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.follow(Method::POST, path.to_owned(), Some(fields)).await
    }

    /// Sends a form as [`Browser::submit`], with files in its field `files`.
    pub async fn upload(
        &mut self,
        page: &Page,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        let form = page.form(action);
        let mut body = Vec::new();
        let texts =
            form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied());
        for (name, value) in texts {
            body.extend(
                format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, bytes) in files {
            let head = format!(
                "--edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n"
            );
            body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(*b"--edge--\r\n");
        let request =
            self.request(Method::POST, &form.action).header("content-type", "multipart/form-data; boundary=edge");
        let answer = request.body(body).send().await.unwrap();
        self.keep_cookies(&answer);
        match answer.headers().get("location") {
            Some(location) => self.get(location.to_str().unwrap()).await,
            None => Page { status: answer.status().as_u16(), path: form.action, body: answer.text().await.unwrap() },
        }
    }

    async fn follow(
        &mut self,
        mut method: Method,
        mut path: String,
        mut fields: Option<Vec<(String, String)>>,
    ) -> Page {
        for _ in 0..10 {
            let answer = self.send(method.clone(), &path, fields.take()).await;
            let status = answer.status().as_u16();
            self.keep_cookies(&answer);
            match answer.headers().get("location") {
                Some(location) if (300..400).contains(&status) => {
                    path = location.to_str().unwrap().to_owned();
                    method = Method::GET;
                }
                _ => return Page { status, path, body: answer.text().await.unwrap() },
            }
        }
        panic!("redirected in circles at {path}");
    }

    /// Sends one request and follows nothing.
    pub async fn send(&self, method: Method, path: &str, fields: Option<Vec<(String, String)>>) -> Response {
        let mut request = self.request(method, path);
        if let Some(fields) = fields {
            request = request.form(&fields);
        }
        request.send().await.unwrap()
    }

    /// Posts a form, and follows nothing; the server may go away before it answers.
    pub async fn try_send(&self, path: &str, fields: &[(String, String)]) -> reqwest::Result<Response> {
        self.request(Method::POST, path).form(fields).send().await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request
    }

    fn keep_cookies(&mut self, answer: &Response) {
        for line in answer.headers().get_all("set-cookie") {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// A form as the page has it.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
}

impl Page {
    /// Whether it says this, as a person reads it.
    pub fn says(&self, text: &str) -> bool {
        self.words().contains(text)
    }

    /// Its text without tags, blanks run together.
    pub fn words(&self) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for letter in self.body.chars() {
            match letter {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    text.push(' ');
                }
                other if !in_tag => text.push(other),
                _ => {}
            }
        }
        let text = unescape(&text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The fault beside a field.
    pub fn fault(&self, field: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("id=\"{field}-fault\">"))?;
        let (_, rest) = rest.split_once("</span>")?;
        Some(unescape(rest.split_once("</p>")?.0))
    }

    /// What a field shows.
    pub fn value(&self, field: &str) -> Option<String> {
        let input =
            self.body.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{field}\"")))?;
        attribute(input, "value")
    }

    /// Whether a row of the audit's trail says so; its form offers all that there could be.
    pub fn did(&self, deed: &str) -> bool {
        self.body.contains(&format!("<td data-label=\"Did\">{deed}</td>"))
    }

    /// Where the link with these words leads.
    pub fn link(&self, words: &str) -> String {
        let (before, _) = self.body.split_once(&format!(">{words}</a>")).unwrap_or_else(|| panic!("no link {words}"));
        attribute(before.rsplit("<a").next().unwrap(), "href").unwrap()
    }

    /// What a form would send as it is: the first one whose action begins so.
    pub fn fields(&self, action: &str) -> Vec<(String, String)> {
        let begins = format!(" action=\"{action}");
        let mut forms = self.body.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap_or(form));
        let form = forms.find(|form| form.split('>').next().unwrap().contains(&begins));
        let form = form.unwrap_or_else(|| panic!("no form {action} on {}: {}", self.path, self.body));
        let named = form.split('<').filter_map(|part| {
            let (tag, text) = part.split_once('>').unwrap_or((part, ""));
            let name = attribute(tag, "name")?;
            let is_off = tag.contains("type=\"checkbox\"") && !tag.contains(" checked");
            match tag.split(' ').next()? {
                "input" if !is_off => Some((name, attribute(tag, "value").unwrap_or_default())),
                "textarea" => Some((name, unescape(text))),
                _ => None,
            }
        });
        named.collect()
    }

    fn form(&self, action: &str) -> Form {
        let forms = self.body.split("<form").skip(1);
        let form = forms.map(|form| form.split("</form>").next().unwrap_or(form)).find(|form| {
            attribute(form.split('>').next().unwrap(), "action").is_some_and(|found| found.ends_with(action))
        });
        let form = form.unwrap_or_else(|| panic!("no form {action} on {}: {}", self.path, self.body));
        let hidden = form
            .split('<')
            .filter(|tag| tag.starts_with("input type=\"hidden\""))
            .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
            .collect();
        Form { action: attribute(form.split('>').next().unwrap(), "action").unwrap(), hidden }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split_once('"')?.0))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
