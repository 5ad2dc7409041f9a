using Platform.Chat.Generation;

namespace Platform.Chat.Tests.Generation;

public sealed class ResumedTextTests
{
    [Test]
    public void Leaves_out_what_is_stored_already()
    {
        var resumed = new ResumedText("one two");

        Assert.That(resumed.Take("one "), Is.EqualTo(("", false)));
        Assert.That(resumed.Take("two three"), Is.EqualTo((" three", false)));
        Assert.That(resumed.Take(" four"), Is.EqualTo((" four", false)));
    }

    [Test]
    public void Begins_a_new_part_where_the_model_says_something_else()
    {
        var resumed = new ResumedText("one two");

        Assert.That(resumed.Take("one "), Is.EqualTo(("", false)));
        Assert.That(resumed.Take("too"), Is.EqualTo(("one too", true)));
        Assert.That(resumed.Take(" many"), Is.EqualTo((" many", false)));
    }
}
