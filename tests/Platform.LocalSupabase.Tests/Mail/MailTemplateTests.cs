using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Mail.Templates;

namespace Platform.LocalSupabase.Tests.Mail;

public sealed class MailTemplateTests
{
    private static readonly JsonObject Variables = new()
    {
        ["Email"] = "ada@example.com",
        ["NewEmail"] = "",
        ["Data"] = new JsonObject
        {
            ["lang"] = "de",
            ["name"] = "Ada",
            ["age"] = 36,
            ["none"] = 0,
            ["admin"] = false,
            ["tags"] = new JsonArray(),
        },
    };

    [TestCase("Hello {{ .Data.name }}{{.Email}}", "Hello Adaada@example.com")]
    [TestCase("{{ if .NewEmail }}to {{ .NewEmail }}{{ else }}for {{ .Email }}{{ end }}", "for ada@example.com")]
    [TestCase("{{ if .Email }}yes{{ end }}!", "yes!")]
    [TestCase("{{ if .Data.missing.deep }}yes{{ end }}!", "!")]
    [TestCase("""{{ if eq .Data.lang "en" }}Hi{{ else if eq .Data.lang "fr" "de" }}Hallo{{ else }}?{{ end }}""", "Hallo")]
    [TestCase("""{{if ne .Data.lang "de"}}other{{else}}same{{end}}""", "same")]
    [TestCase("{{ if not .NewEmail }}none{{ end }}", "none")]
    [TestCase("""{{ if and .Email (eq .Data.lang "de") }}both{{ end }}""", "both")]
    [TestCase("""{{ or .NewEmail .Data.missing "nobody" }}""", "nobody")]
    [TestCase("{{ if eq .Data.age 36 }}36{{ end }}", "36")]
    [TestCase("{{ if .Data.none }}a{{ end }}{{ if .Data.admin }}b{{ end }}{{ if .Data.tags }}c{{ end }}-", "-")]
    [TestCase("{{ if .Email }}a{{ if .NewEmail }}b{{ else }}c{{ end }}d{{ end }}", "acd")]
    [TestCase("a  {{- if .Email -}}  b  {{- end }} c", "ab c")]
    [TestCase("a{{/* said to nobody */}}b", "ab")]
    [TestCase("""{{ "a \"b\" c" }}""", "a \"b\" c")]
    [TestCase("{ not {a template} }}", "{ not {a template} }}")]
    public void Is_filled(string template, string filled) =>
        Assert.That(MailTemplate.Parse(template).Fill(Variables, value => value), Is.EqualTo(filled));

    [Test]
    public void Encodes_values_and_not_its_own_text() =>
        Assert.That(
            MailTemplate.Parse("<b>{{ .Email }}</b>").Fill(new() { ["Email"] = "<i>" }, value => $"[{value}]"), Is.EqualTo("<b>[<i>]</b>"));

    [TestCase("{{ if .Email }}", "a condition has no {{ end }}")]
    [TestCase("{{ end }}", "{{ end }} stands outside a condition")]
    [TestCase("{{ if .A }}{{ else }}{{ else }}{{ end }}", "{{ else }} stands behind {{ else }}")]
    [TestCase("{{ range .Data }}{{ end }}", "{{ range .Data }} is not known")]
    [TestCase("{{ .Email | html }}", "{{ .Email | html }} is not known")]
    [TestCase("{{ }}", "{{  }} is not known")]
    [TestCase("{{ if eq .A }}{{ end }}", "{{ eq .A }} is not known")]
    [TestCase("{{ if (.A }}{{ end }}", "{{ (.A }} is not known")]
    public void Is_refused_when_it_cannot_be_read(string template, string problem) =>
        Assert.That(() => MailTemplate.Parse(template), Throws.TypeOf<TemplateException>().With.Message.EqualTo(problem));

    [Test]
    public void Stops_the_start_when_it_cannot_be_read()
    {
        var options = new AuthOptions { Templates = new() { Invite = new() { Body = "{{ if .Email }}" } } };

        Assert.That(
            options.Validate,
            Throws.TypeOf<OptionsValidationException>().With.Message.EqualTo(
                "Auth:Templates:Invite:Body cannot be read: a condition has no {{ end }}."));
    }
}
