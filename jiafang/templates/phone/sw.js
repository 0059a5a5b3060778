{% autoescape off %}self.JIAFANG = {{ facts }};
importScripts("{{ worker }}");{% endautoescape %}
