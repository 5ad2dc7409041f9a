using System.Text.Json;
using Platform.Connectors.Schemas;

namespace Platform.Connectors.Tests.Schemas;

public sealed class JsonSchemaCheckTests
{
    private static readonly JsonElement Schema = JsonElement.Parse(
        """
        {
          "type": "object", "additionalProperties": false, "required": ["name"],
          "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]*$"},
            "size": {"type": "integer", "minimum": 1, "maximum": 10},
            "mode": {"enum": ["a", "b"]},
            "note": {"type": ["string", "null"]},
            "list": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "number"}},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "kind": {"const": "x"}
          }
        }
        """);

    [TestCase("""{"name": "abc", "size": 3, "mode": "a", "note": null, "list": [1.5], "map": {"k": "v"}, "kind": "x"}""", "")]
    [TestCase("""{}""", "$.name")]
    [TestCase("""[]""", "$")]
    [TestCase("""{"name": ""}""", "$.name")]
    [TestCase("""{"name": "toolong"}""", "$.name")]
    [TestCase("""{"name": "A"}""", "$.name")]
    [TestCase("""{"name": 1}""", "$.name")]
    [TestCase("""{"name": "a", "size": 0}""", "$.size")]
    [TestCase("""{"name": "a", "size": 11}""", "$.size")]
    [TestCase("""{"name": "a", "size": 1.5}""", "$.size")]
    [TestCase("""{"name": "a", "mode": "c"}""", "$.mode")]
    [TestCase("""{"name": "a", "note": 1}""", "$.note")]
    [TestCase("""{"name": "a", "list": []}""", "$.list")]
    [TestCase("""{"name": "a", "list": [1, 2, 3]}""", "$.list")]
    [TestCase("""{"name": "a", "list": [1, "2"]}""", "$.list[1]")]
    [TestCase("""{"name": "a", "map": {"k": 1}}""", "$.map.k")]
    [TestCase("""{"name": "a", "kind": "y"}""", "$.kind")]
    [TestCase("""{"name": "a", "other": 1}""", "$.other")]
    public void Names_the_place_of_a_fault(string value, string paths)
    {
        var errors = JsonSchemaCheck.Check(Schema, JsonElement.Parse(value), "$");

        Assert.That(string.Join(' ', errors.Keys), Is.EqualTo(paths));
    }
}
