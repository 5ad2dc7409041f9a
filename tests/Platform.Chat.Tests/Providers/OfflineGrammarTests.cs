using System.Text.Json;
using Platform.Chat.Providers;

namespace Platform.Chat.Tests.Providers;

public sealed class OfflineGrammarTests
{
    [TestCase("connectors", "list_connectors", "{}")]
    [TestCase("CONNECTORS ", "list_connectors", "{}")]
    [TestCase("tables my shop", "describe_connector", """{"connector":"my shop"}""")]
    [TestCase("query my shop: select a where c = 'x:y'", "run_query", """{"connector":"my shop","sql":"select a where c = 'x:y'"}""")]
    [TestCase("query shop:\nselect 1", "run_query", """{"connector":"shop","sql":"select 1"}""")]
    [TestCase("""chart bar "the month" total""", "create_chart", """{"type":"bar","x":"the month","y":"total"}""")]
    [TestCase("save May sales", "save_table", """{"name":"May sales"}""")]
    [TestCase("pin way to go to Sales", "pin_artifact", """{"artifact":"way to go","dashboard":"Sales"}""")]
    [TestCase("run nightly load", "run_workflow", """{"workflow":"nightly load"}""")]
    [TestCase("""run nightly load {"day":1}""", "run_workflow", """{"workflow":"nightly load","input":{"day":1}}""")]
    public void Reads_a_command(string line, string tool, string arguments)
    {
        var reply = OfflineGrammar.Read(line);

        Assert.That(reply.Tool, Is.EqualTo(tool));
        Assert.That(
            JsonSerializer.Serialize(reply.Arguments).Replace("\\u0027", "'", StringComparison.Ordinal), Is.EqualTo(arguments));
    }

    [TestCase("query shop")]
    [TestCase("tables")]
    [TestCase("chart bar month")]
    [TestCase("chart bar month total more")]
    [TestCase("pin sales")]
    [TestCase("save")]
    [TestCase("run")]
    public void Shows_the_form_of_a_command_that_is_incomplete(string line) =>
        Assert.That(OfflineGrammar.Read(line).Text, Does.StartWith("Write it like this: "));

    [TestCase("")]
    [TestCase("help me")]
    [TestCase("drop table users")]
    public void Shows_the_commands_for_anything_else(string line) =>
        Assert.That(OfflineGrammar.Read(line).Text, Does.StartWith("No model is configured"));
}
