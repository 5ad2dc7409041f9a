using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.SharedKernel.Infrastructure.Tests.Http;

public sealed class JsonPathsTests
{
    [TestCase("", "$")]
    [TestCase("Name", "$.name")]
    [TestCase("Body.Widgets[0].PositionX", "$.widgets[0].position_x")]
    [TestCase("Name.Value", "$.name")]
    public void Names_a_property_as_the_client_does(string property, string path) =>
        Assert.That(JsonPaths.FromProperty(property), Is.EqualTo(path));

    [Test]
    public void Names_the_parameter_of_the_frameworks_message() =>
        Assert.That(
            JsonPaths.FromBindingMessage("""Failed to bind parameter "Nullable<int> pageLimit" from "abc"."""), Is.EqualTo("$.page_limit"));

    [Test]
    public void Knows_no_parameter_in_another_message() => Assert.That(JsonPaths.FromBindingMessage("Something else."), Is.Null);
}
